// Shows how far the demo is: a bar on a terminal, a line for every tenth of the tickets elsewhere.
import cliProgress from 'cli-progress';

export interface Progress {
  show(completed: number): void;
  /** Prints a line above the bar. */
  say(line: string): void;
  end(): void;
}

export function startProgress(total: number): Progress {
  return process.stdout.isTTY ? bar(total) : lines(total);
}

function bar(total: number): Progress {
  const shown = new cliProgress.SingleBar(
    { format: '  {bar} {value}/{total} tickets', hideCursor: true, clearOnComplete: true },
    cliProgress.Presets.shades_classic,
  );
  let completed = 0;
  shown.start(total, 0);
  return {
    show: (now) => {
      completed = now;
      shown.update(now);
    },
    say: (line) => {
      // The bar is drawn anew below the line; its own state survives a stop.
      shown.stop();
      console.log(line);
      shown.start(total, completed);
    },
    end: () => shown.stop(),
  };
}

function lines(total: number): Progress {
  let tenths = 0;
  return {
    show: (completed) => {
      const reached = Math.floor((completed * 10) / total);
      if (reached <= tenths) return;
      tenths = reached;
      console.log(`  ${completed} of ${total} tickets`);
    },
    say: (line) => console.log(line),
    end: () => {},
  };
}
