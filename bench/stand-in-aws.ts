import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

// A process of its own: who measures waits for what is measured. It answers at once, and prints its port.

const cluster = `<DescribeDBClustersResponse><DescribeDBClustersResult><DBClusters><DBCluster>
<Endpoint>127.0.0.1</Endpoint><Port>9</Port><IAMDatabaseAuthenticationEnabled>true</IAMDatabaseAuthenticationEnabled>
<MasterUserSecret><SecretArn>arn:aws:secretsmanager:eu-west-1:111111111111:secret:bench</SecretArn></MasterUserSecret>
</DBCluster></DBClusters></DescribeDBClustersResult></DescribeDBClustersResponse>`;
const secret = JSON.stringify({ SecretString: JSON.stringify({ password: 'none' }) });

const server = createServer((request, response) => {
  const isSecret = String(request.headers['x-amz-target'] ?? '').startsWith('secretsmanager.');
  request.resume().on('end', () => response.end(isSecret ? secret : cluster));
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
