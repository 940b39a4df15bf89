import type { Site, SitePipeline, WrapperStack } from '../registry/site';
import { isBreaker } from './policy';

/** The wrappers of one site, with other people's wrappers between them. */
class StackedWrappers implements WrapperStack {
  readonly pipelines: SitePipeline[] = [];

  /**
   * Around another one of ours it stands for that one from now on; a second wrapper around the same one is
   * a branch, with a breaker layer of its own. Only with a stranger's between them do our wrappers nest.
   */
  add(pipeline: SitePipeline, inner: SitePipeline | undefined): void {
    const { pipelines } = this;
    if (inner === undefined || pipelines.length === 0) pipelines.push(pipeline);
    else if (pipelines.includes(inner)) pipelines[pipelines.indexOf(inner)] = pipeline;
  }

  /** A branch, or a wrapper that another one stands for, is called by itself: no other wrapper is around it. */
  countsElsewhere(pipeline: SitePipeline): boolean {
    const { pipelines } = this;
    const at = pipelines.indexOf(pipeline);
    return at > 0 || (at === 0 && pipelines.some((other) => other !== pipeline && other.policies.some(isBreaker)));
  }
}

/** The wrappers of a site whose policies are stacked. */
export function stackOf(site: Site): WrapperStack {
  return (site.stack ??= new StackedWrappers());
}
