import { SqliteSaver } from '@cairn/saver-sqlite';
import Database from 'better-sqlite3';
import { readFileSync, mkdtempSync } from 'node:fs';
import { cairn } from './src/supersteps.ts';
const p=mkdtempSync('/tmp/m/')+'/n.db';
const sv=new SqliteSaver({path:p,synchronous:'normal'});
await cairn('',sv,{length:300}).run();
{ const d=new Database(p); d.pragma('wal_checkpoint(TRUNCATE)'); d.close(); }
await cairn('',sv,{length:200,thread:'z'}).run();
const w=readFileSync(p+'-wal'); const ps=w.readUInt32BE(8); const frames=[]; for(let o=32;o+24+ps<=w.length;o+=24+ps) frames.push([w.readUInt32BE(o),w.readUInt32BE(o+4)]);
const d=new Database(p); const by=new Map(d.prepare('select pageno,name,pagetype from dbstat').all().map(r=>[r.pageno,r.name+' '+r.pagetype]));
const c=new Map(); for(const [pg] of frames) { const k=by.get(pg)??(pg===1?'page1':'ptrmap/'+pg); c.set(k,(c.get(k)??0)+1); }
console.log('frames',frames.length/201, 'commits',frames.filter(f=>f[1]).length/201); for(const [k,n] of [...c].sort((a,b)=>b[1]-a[1])) console.log((n/201).toFixed(2),k);
await sv.close();
