import type { NatsConnection } from '@nats-io/transport-node';

/** Name, version and address of the server, for people. */
export function describeServer(connection: NatsConnection): string {
  const { info } = connection;
  if (info === undefined) return `no answer from ${connection.getServer()}`;
  return `${info.server_name} ${info.version} at ${connection.getServer()}`;
}

/** Why a server is too old; undefined = it is not. Development versions such as `2.12.0-beta.1` count as their release. */
export function versionProblem(connection: NatsConnection, versionMin: string): string | undefined {
  const version = connection.info?.version ?? '0.0.0';
  if (compareVersions(version, versionMin) >= 0) return undefined;
  return `nats-server at ${connection.getServer()} is ${version}, and ${versionMin} or newer is needed`;
}

function compareVersions(left: string, right: string): number {
  const [a, b] = [left, right].map((text) => text.split(/[.-]/).slice(0, 3).map(Number));
  for (let part = 0; part < 3; part += 1) {
    const difference = (a?.[part] || 0) - (b?.[part] || 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
