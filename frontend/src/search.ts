import { GRAINS, type Grain } from './data/query';

/** What the page shows, in its address: so that a link, a reload and the back button bring the same view. */
export type HomeSearch = {
  tag?: string;
  account?: string;
  dataset?: string;
  table?: string;
  measure?: string;
  by?: string;
  grain?: Grain;
};

const texts = ['tag', 'account', 'dataset', 'table', 'measure', 'by'] as const;

export function homeSearch(search: Record<string, unknown>): HomeSearch {
  const valid: HomeSearch = {};
  for (const name of texts) {
    const value = search[name];
    // The router reads ?tag=2024 as a number.
    if (typeof value === 'string' || typeof value === 'number') valid[name] = String(value);
  }
  const grain = GRAINS.find((one) => one === search.grain);
  if (grain) valid.grain = grain;
  return valid;
}
