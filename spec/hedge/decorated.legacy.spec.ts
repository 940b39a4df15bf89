import { hedgesMethods } from './shared/decorated';

describe('@Hedge, a legacy decorator', hedgesMethods);
