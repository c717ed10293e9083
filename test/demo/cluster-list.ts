/** One cluster of the demo: its name and the labels it is registered with. */
export interface DemoCluster {
  readonly name: string;
  readonly labels: { readonly [key: string]: string };
}

const regions = ['eu', 'us', 'ap'] as const;

/**
 * The demo's clusters: `eu-1`, `us-1`, `ap-1`, `eu-2`, ... evenly over three regions. The first two of each region offer
 * everything (`tier: full`).
 */
export function demoClusters(count: number): readonly DemoCluster[] {
  return Array.from({ length: count }, (_, index) => {
    const region = regions[index % regions.length] ?? 'eu';
    const number = Math.floor(index / regions.length) + 1;
    const tier = number <= 2 ? { tier: 'full' } : {};
    return { name: `${region}-${number}`, labels: { env: 'prod', region, ...tier } };
  });
}
