// Puts a desk's parts together: classifier, order book, provider, saver, graph; and closes them again.
import type { CheckpointSaver } from '@cairn/checkpoint-core';
import { chooseClassifier } from '../classify/choose-classifier.js';
import { buildDeskGraph, type DeskGraph } from '../graph/desk-graph.js';
import { OrderBook } from '../orders/order-book.js';
import { shippedOrders } from '../paths.js';
import { LedgerProvider } from '../provider/ledger-provider.js';

export interface OpenDesk {
  readonly graph: DeskGraph;
  close(): Promise<void>;
}

export async function openDesk(options: {
  saver: CheckpointSaver;
  ledger: string;
  sabotage: boolean;
}): Promise<OpenDesk> {
  const { saver, ledger, sabotage } = options;
  const classify = await chooseClassifier(process.env);
  const orders = new OrderBook(shippedOrders);
  const provider = new LedgerProvider(ledger);
  const graph = buildDeskGraph({ classify, orders, provider, sabotage }, saver);
  return {
    graph,
    close: async () => {
      await saver.close();
      provider.close();
      orders.close();
    },
  };
}
