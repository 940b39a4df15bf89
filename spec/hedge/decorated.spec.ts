import { hedgesMethods } from './shared/decorated';

describe('@Hedge, a TC39 decorator', hedgesMethods);
