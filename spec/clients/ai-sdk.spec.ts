import { specOf } from './support/client-spec';

specOf('ai-sdk');
