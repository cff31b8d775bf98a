/** The savers that are judged here: LangGraph.js's own, each in the newest version that installs, under its default options. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConformanceHarness } from '@cairn/conformance-tests';
import { createTestDatabase, dropTestDatabase, type TestDatabase } from '@cairn/local-postgres';
import { type BaseCheckpointSaver, MemorySaver } from '@langchain/langgraph-checkpoint';
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres';
import { SqliteSaver } from '@langchain/langgraph-checkpoint-sqlite';
import { Client } from 'pg';
import { type BridgedPeer, BridgedSaver } from './bridge/bridged-saver.js';
import type { PeerStore } from './reproductions/reproduction.js';

export type PeerName = 'MemorySaver' | 'SqliteSaver' | 'PostgresSaver';

/** One of their savers, and where its stores come from. */
export interface Peer {
  readonly name: PeerName;
  /** The package that exports it. */
  readonly package: string;
  createStore(): Promise<string>;
  open(location: string): Promise<BridgedPeer>;
  destroyStore(location: string): Promise<void>;
}

export const peers: readonly Peer[] = [
  {
    name: 'MemorySaver',
    package: '@langchain/langgraph-checkpoint',
    createStore: async () => '',
    open: async () => ({
      saver: new MemorySaver(),
      capabilities: { permanence: 'process', shared: 'no', maintenance: false },
      setup: async () => {},
      close: async () => {},
    }),
    destroyStore: async () => {},
  },
  {
    name: 'SqliteSaver',
    package: '@langchain/langgraph-checkpoint-sqlite',
    createStore: () => mkdtemp(join(tmpdir(), 'cairn-peers-')),
    open: async (folder) => {
      const saver = SqliteSaver.fromConnString(join(folder, 'store.db'));
      return {
        saver,
        capabilities: { permanence: 'disk', shared: 'processes', maintenance: false },
        // Protected in its types, called by itself at the first use; there is nothing else to call.
        setup: async () => (saver as unknown as { setup(): void }).setup(),
        close: async () => void saver.db.close(),
      };
    },
    destroyStore: (folder) => rm(folder, { recursive: true, force: true }),
  },
  {
    name: 'PostgresSaver',
    package: '@langchain/langgraph-checkpoint-postgres',
    createStore: async () => JSON.stringify(await emptyDatabase()),
    open: async (location) => {
      const saver = postgresSaver(JSON.parse(location) as TestDatabase);
      return {
        saver,
        capabilities: { permanence: 'disk', shared: 'processes', maintenance: false },
        setup: () => saver.setup(),
        close: () => saver.end(),
      };
    },
    destroyStore: async (location) => void freeDatabases.push(JSON.parse(location) as TestDatabase),
  },
];

/** Set up and in use by nobody: making the tables takes longer than most cases. */
const freeDatabases: TestDatabase[] = [];

async function emptyDatabase(): Promise<TestDatabase> {
  const free = freeDatabases.pop();
  if (free === undefined) {
    const database = await createTestDatabase();
    const saver = postgresSaver(database);
    await saver.setup();
    await saver.end();
    return database;
  }
  const client = new Client({ connectionString: free.connectionString });
  await client.connect();
  const tables = ['checkpoints', 'checkpoint_blobs', 'checkpoint_writes'].map((table) => `"${free.schema}".${table}`);
  await client.query(`TRUNCATE ${tables.join(', ')}`);
  await client.end();
  return free;
}

/** Drops what the Postgres saver's stores left on the server; for the end of a test file. */
export async function dropDatabases(): Promise<void> {
  await Promise.all(freeDatabases.splice(0).map(dropTestDatabase));
}

function postgresSaver({ connectionString, schema }: TestDatabase): PostgresSaver {
  return PostgresSaver.fromConnString(connectionString, { schema });
}

/** The suite's way to a peer's saver: through the bridge. */
export function peerHarness(peer: Peer): ConformanceHarness {
  return {
    name: `LangGraph.js ${peer.name} ${versionOf(peer.package)}`,
    createStore: () => peer.createStore(),
    open: async (location) => new BridgedSaver(await peer.open(String(location))),
    destroyStore: (location) => peer.destroyStore(String(location)),
  };
}

/** Gives `work` one of the peer's savers on a store of its own. */
export async function withPeer<T>(
  peer: Peer,
  work: (saver: BaseCheckpointSaver, store: PeerStore) => Promise<T>,
): Promise<T> {
  const location = await peer.createStore();
  try {
    const opened = await peer.open(location);
    try {
      return await work(opened.saver, { name: peer.name, location });
    } finally {
      await opened.close();
    }
  } finally {
    await peer.destroyStore(location);
  }
}

/** The version that is installed, as its own package.json says. */
export function versionOf(packageName: string): string {
  const manifest = createRequire(import.meta.url)(`${packageName}/package.json`) as { readonly version: string };
  return manifest.version;
}
