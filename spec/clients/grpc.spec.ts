import { specOf } from './support/client-spec';

specOf('grpc');
