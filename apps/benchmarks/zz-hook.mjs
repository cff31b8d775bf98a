import { registerHooks } from 'node:module';
registerHooks({ resolve(s,c,n){ if(s.startsWith('.')&&s.endsWith('.js')&&c.parentURL?.endsWith('.ts')) s=s.slice(0,-3)+'.ts'; return n(s,c);} });
