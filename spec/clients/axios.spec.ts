import { specOf } from './support/client-spec';

specOf('axios');
