import { RecordReach } from '@cairn/checkpoint-core';
import { describe, expect, it } from 'vitest';

const at = (seq: number, channel = 'a') => ({ channel, seq });

describe('the reach of records', () => {
  it('a record is free once the last checkpoint that names it is dropped', () => {
    const reach = new RecordReach();
    for (let i = 0; i < 3; i += 1) reach.addCheckpoint([at(1)]);
    expect(reach.dropCheckpoint([at(1)])).toEqual([]);
    expect(reach.dropCheckpoint([at(1)])).toEqual([]);
    expect(reach.dropCheckpoint([at(1)])).toEqual([at(1)]);
  });

  it('a record that a kept one rests on is not free', () => {
    const reach = new RecordReach();
    reach.addRecord(at(2), [1]);
    reach.addRecord(at(3), [1, 2]);
    reach.addCheckpoint([at(1)]);
    reach.addCheckpoint([at(2)]);
    reach.addCheckpoint([at(3)]);
    expect(reach.dropCheckpoint([at(1)])).toEqual([]);
    expect(reach.dropCheckpoint([at(2)])).toEqual([]);
    expect(reach.dropCheckpoint([at(3)])).toEqual([at(3), at(1), at(2)]);
  });

  it('of two forks that rest on one record, the second to go frees it', () => {
    const reach = new RecordReach();
    reach.addRecord(at(2), [1]);
    reach.addRecord(at(3), [1]);
    reach.addCheckpoint([at(2)]);
    reach.addCheckpoint([at(3)]);
    expect(reach.dropCheckpoint([at(2)])).toEqual([at(2)]);
    expect(reach.dropCheckpoint([at(3)])).toEqual([at(3), at(1)]);
  });

  it('channels are told apart, whatever their names look like', () => {
    const reach = new RecordReach();
    reach.addCheckpoint([at(1, '1/a'), at(11, 'a')]);
    reach.addCheckpoint([at(11, 'a')]);
    expect(reach.dropCheckpoint([at(1, '1/a'), at(11, 'a')])).toEqual([at(1, '1/a')]);
  });
});
