import type { DeleteVpcEndpointsRequest } from '@aws-sdk/client-ec2';
import type { Operation } from '../../service.ts';
import { existing } from '../access.ts';
import type { Inventory } from '../inventory.ts';
import { type EndpointItem, releaseAddresses } from './network.ts';

/** DeleteVpcEndpoints: what is not there is named in `Unsuccessful`, and does not keep the others from going. */
export function deleteVpcEndpoints(ec2: Inventory): Operation<DeleteVpcEndpointsRequest> {
  const { endpoints } = ec2;
  const present = (ids: string[]) => endpoints.find(ids.filter((id) => endpoints.isFound(id)));
  return {
    access: ({ VpcEndpointIds = [] }) =>
      existing(ec2, 'DeleteVpcEndpoints', endpoints, present(VpcEndpointIds)),
    run: ({ VpcEndpointIds = [] }) => {
      for (const endpoint of present(VpcEndpointIds)) remove(ec2, endpoint);
      const Unsuccessful = VpcEndpointIds.filter((id) => !endpoints.isFound(id)).map((ResourceId) => {
        const { code: Code, message: Message } = endpoints.notFound([ResourceId]);
        return { ResourceId, Error: { Code, Message } };
      });
      return { Unsuccessful };
    },
  };
}

function remove(ec2: Inventory, endpoint: EndpointItem): void {
  if (endpoint.data.State === 'deleting') return;
  endpoint.data.State = 'deleting';
  ec2.at(ec2.moment(ec2.account.physics.endpointDeleted), () => {
    ec2.endpoints.remove(endpoint.id);
    releaseAddresses(ec2, endpoint.id);
    bill(ec2, endpoint);
    ec2.note(endpoint.id, 'deleted');
  });
}

/** Each zone is billed by the hour, a begun one as a whole; gateway endpoints cost nothing. */
function bill(ec2: Inventory, { data }: EndpointItem): void {
  const hours = Math.ceil((ec2.now - (data.CreationTimestamp?.getTime() ?? ec2.now)) / 3_600_000);
  ec2.account.meter.add('vpce:hour', hours * (data.SubnetIds?.length ?? 0));
}
