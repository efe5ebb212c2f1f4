/** What a capture makes. */
export type Capture = 'ami' | 'snapshots';

/** EC2's request tokens for the call that captures one instance: AWS's documentation, "Request throttling". */
export const CAPTURE_TOKENS: Record<Capture, { size: number; refill: number }> = {
  ami: { size: 50, refill: 5 }, // CreateImage, as every mutating action without a bucket of its own
  snapshots: { size: 100, refill: 5 }, // CreateSnapshots
};
/** And for CreateTags. */
export const TAG_TOKENS = { size: 100, refill: 10 };
/** And for DescribeInstanceAttribute, as every describing action without a bucket of its own. */
export const ATTRIBUTE_TOKENS = { size: 100, refill: 20 };
