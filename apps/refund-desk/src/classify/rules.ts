// The embedded classifier: plain rules, no model, no network. The same ticket always reads the same.
import type { Ticket } from '../tickets/ticket.js';
import type { Classification, Facts } from './classification.js';
import { guessLanguage } from './language.js';
import { mendWords, plainText } from './mend-words.js';
import { findOrderNumber } from './order-number.js';
import { COMPLAINTS, POLICY_QUESTION, RETURN, TOPICS, VOCABULARY, WANTS_MONEY } from './patterns.js';

const FEWEST_WORDS_OF_A_QUESTION = 4;

export function classifyByRules(ticket: Ticket): Classification {
  const plain = plainText(`${ticket.subject}. ${ticket.body}`);
  return {
    ...kindOf(mendWords(plain, VOCABULARY)),
    orderId: findOrderNumber(ticket.body) ?? findOrderNumber(ticket.subject),
    item: null,
    language: guessLanguage(plain),
    by: 'rules',
    note: null,
  };
}

function kindOf(text: string): Pick<Facts, 'kind' | 'topic'> {
  const wantsMoney = WANTS_MONEY.test(text);
  const complaint = COMPLAINTS.find(([, pattern]) => pattern.test(text))?.[0];
  // Somebody who only asks where the parcel is gets news of it, not money.
  if (complaint === 'not-arrived' && !wantsMoney) return { kind: 'question', topic: 'delivery' };
  if (complaint !== undefined) return { kind: complaint, topic: null };
  if (POLICY_QUESTION.test(text)) return { kind: 'question', topic: 'policy' };
  const topic = TOPICS.find(([, pattern]) => pattern.test(text))?.[0];
  if (topic !== undefined && !wantsMoney) return { kind: 'question', topic };
  if (wantsMoney || RETURN.test(text)) return { kind: 'return', topic: null };
  const isQuestion = text.includes('?') && text.split(' ').length > FEWEST_WORDS_OF_A_QUESTION;
  return isQuestion ? { kind: 'question', topic: 'other' } : { kind: 'unclear', topic: null };
}
