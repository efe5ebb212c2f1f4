import { JsonShapeSerializer2 } from '@smithy/core/protocols';
import type { AwsError } from '../account/service.ts';
import type { Rest } from './rest.ts';
import { queryOf } from './signature.ts';

const VERSION = '/2015-02-01';
const POLICY = /^\/file-systems\/([^/]+)\/policy$/;

/** The path of a request without version and query. */
function pathOf(target: string): string {
  const path = target.split('?')[0] ?? '';
  return path.startsWith(VERSION) ? path.slice(VERSION.length) : '';
}

/** EFS's REST-JSON, as far as it reads: file systems, their policies and mount targets. */
export const efsRest: Rest = {
  operation: ({ method, target }) => {
    if (method !== 'GET') return '';
    const path = pathOf(target);
    if (path === '/file-systems') return 'DescribeFileSystems';
    if (path === '/mount-targets') return 'DescribeMountTargets';
    return POLICY.test(path) ? 'DescribeFileSystemPolicy' : '';
  },
  decode: async (_schema, request) => {
    const [, ofPolicy] = POLICY.exec(pathOf(request.target)) ?? [];
    const query = queryOf(request);
    const id = ofPolicy ?? query.get('FileSystemId');
    const most = query.get('MaxItems');
    return {
      ...(id !== null && { FileSystemId: decodeURIComponent(id) }),
      ...(most !== null && { MaxItems: Number(most) }),
    };
  },
  encode: (_operation, schema, output) => {
    const serializer = new JsonShapeSerializer2({
      jsonName: true,
      timestampFormat: { useTrait: true, default: 7 },
      httpBindings: false,
    });
    serializer.write(schema.output, output);
    const written: string | Uint8Array = serializer.flush();
    const body = written instanceof Uint8Array ? Buffer.copyBytesFrom(written) : written;
    return { status: 200, headers: { 'content-type': 'application/json' }, body };
  },
  refuse: (error: AwsError) => ({
    status: error.status,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': error.code },
    body: JSON.stringify({ ErrorCode: error.code, Message: error.message }),
  }),
};
