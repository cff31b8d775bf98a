import { MemorySaver } from '@cairn/saver-memory';
import { SqliteSaver } from '@cairn/saver-sqlite';
import { mkdtempSync, rmSync } from 'node:fs';
import { cairn } from './src/supersteps.ts';
const dir=mkdtempSync('/tmp/m/');
class Nul extends MemorySaver { async put(){} }
const want=(process.argv[2]??'none,nul,mem,csn').split(',');
const mk={ none:()=>cairn('',undefined), nul:()=>cairn('',new Nul()), mem:()=>cairn('',new MemorySaver()), csn:()=>cairn('',new SqliteSaver({path:dir+'/n.db',synchronous:'normal'})), csf:()=>cairn('',new SqliteSaver({path:dir+'/f.db'}))};
const cs=Object.fromEntries(want.map(k=>[k,mk[k]()]));
const med=x=>x.sort((p,q)=>p-q)[x.length>>1];
const T={};
for(let r=-2;r<7;r++) for(const k of want){ const s=performance.now(), u=process.cpuUsage(); let n=0; while(performance.now()-s<400) n+=await cs[k].run(); const c=process.cpuUsage(u); const e=(performance.now()-s)*1000/n; if(r>=0)(T[k]??=[]).push(e); }
console.log(JSON.stringify(Object.fromEntries(want.map(k=>[k,[Math.min(...T[k]),med(T[k])]]))));
rmSync(dir,{recursive:true,force:true});
