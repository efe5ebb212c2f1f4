/** Addresses of IPv4 as numbers, and ranges of them. */

function toNumber(address: string): number | undefined {
  const parts = address.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part) || part < 0 || part > 255))
    return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

function range(cidr: string): [first: number, last: number] {
  const [address = '', bits = '32'] = cidr.split('/');
  const size = 2 ** (32 - Number(bits));
  const first = Math.floor((toNumber(address) ?? 0) / size) * size;
  return [first, first + size - 1];
}

/** Whether an address lies in a range such as `10.0.0.0/24`. */
export function contains(cidr: string, address: string): boolean {
  const [first, last] = range(cidr);
  const number = toNumber(address);
  return number !== undefined && number >= first && number <= last;
}

/** The addresses of a subnet that AWS hands out: all but the first four and the last. */
export function* usable(cidr: string): Generator<string> {
  const [first, last] = range(cidr);
  for (let number = first + 4; number < last; number++)
    yield [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}
