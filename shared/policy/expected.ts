/**
 * Minutes from the start of a run to its verified points: 36 for an image at the slow end of an ordinary day, 4 to
 * submit a batch of 1,000, and 5 for what lies around. Images of large, busy volumes take longer.
 */
export const EXPECTED_MINUTES = 45;
