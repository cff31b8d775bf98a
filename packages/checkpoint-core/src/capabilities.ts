/** What a saver declares about itself; code, docs and the conformance suite all read this one object. */

export interface SaverCapabilities {
  /**
   * What an acknowledged write survives. `process`: nothing beyond this process. `disk`: a crash of the process, and
   * of the machine as far as the store's own settings promise.
   */
  readonly permanence: 'process' | 'disk';
  /**
   * Who may use one store at once. `no`: one saver object. `instances`: several saver objects of one process.
   * `processes`: any number of processes.
   */
  readonly shared: 'no' | 'instances' | 'processes';
  /**
   * True when the saver is a `MaintainableSaver`: without it there is no export, import, verify, key rotation, nor a
   * copy of an encrypted thread.
   */
  readonly maintenance: boolean;
}
