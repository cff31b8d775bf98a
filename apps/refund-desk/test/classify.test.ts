import { describe, expect, it } from 'vitest';
import { guessLanguage } from '../src/classify/language.js';
import { mendWords, plainText } from '../src/classify/mend-words.js';
import { findOrderNumber } from '../src/classify/order-number.js';
import { classifyByRules } from '../src/classify/rules.js';
import { ticketOf } from './fixtures/ticket-of.js';

describe('the order number', () => {
  it.each([
    ['order SH-10234 please', 'SH-10234'],
    ['sh10234', 'SH-10234'],
    ['about #SH 10234.', 'SH-10234'],
    ['SH-1O234', 'SH-10234'],
    ['order number no. 10234', 'SH-10234'],
    ['see #10234', 'SH-10234'],
    ['Bestellung 10234', 'SH-10234'],
    ['my phone is 10234567', null],
    ['#102345', null],
    ['SH-102345', null],
    ['no number here', null],
  ])('in "%s" is %s', (text, expected) => {
    expect(findOrderNumber(text)).toBe(expected);
  });
});

describe('the rules', () => {
  it.each([
    ['I want to retrun the mug for a refund, SH-10234', 'return'],
    ['it came borken, SH-10234', 'damaged'],
    ['You charged me twice for SH-10234', 'charged-twice'],
    ['please cancel SH-10234 before it ships', 'cancel'],
    ['You sent me the wrong item, SH-10234, refund', 'wrong-item'],
    ['SH-10234 never arrived, refund me', 'not-arrived'],
    ['SH-10234 has not arrived yet, where is it?', 'question'],
    ['Could I have an invoice for my tax return?', 'question'],
    ['Hmm', 'unclear'],
  ])('read "%s" as %s', (body, kind) => {
    expect(classifyByRules(ticketOf({ body })).kind).toBe(kind);
  });

  it('take the number in the body before the one in the subject', () => {
    expect(classifyByRules(ticketOf({ subject: 'SH-10001', body: 'refund SH-10002' })).orderId).toBe('SH-10002');
    expect(classifyByRules(ticketOf({ subject: 'SH-10001', body: 'refund' })).orderId).toBe('SH-10001');
  });

  it('guess the language', () => {
    expect(
      ['Ich möchte das nicht', 'Je n’ai pas reçu ma commande', 'No he recibido el pedido', 'I want a refund', ''].map(
        (t) => guessLanguage(plainText(t)),
      ),
    ).toEqual(['de', 'fr', 'es', 'en', 'en']);
  });
});

describe('mending words', () => {
  it('puts one slip right, and leaves short, known and distant words alone', () => {
    const vocabulary = new Set(['refund', 'return', 'broken']);
    expect(mendWords('refnud refnd refuund refumd', vocabulary)).toBe('refund refund refund refund');
    expect(mendWords('return brok token refunding pefund', vocabulary)).toBe('return brok token refunding pefund');
  });
});
