// What each kind of ticket sounds like, in plain text (lower case, no accents), in the four languages the shop's customers write.
import type { Classification } from './classification.js';

type Kind = Classification['kind'];
type Topic = NonNullable<Classification['topic']>;

/** The customer asks for money, not only for news. */
export const WANTS_MONEY =
  /refund|money back|return the second payment|put it right|erstatt|geld zuruck|rembours|reembols/;

/** Looked through in this order: the more telling complaint wins over a bare "I want a refund". */
export const COMPLAINTS: readonly (readonly [Kind, RegExp])[] = [
  [
    'charged-twice',
    /(charged|billed)( me)? (twice|2x)|double (charge|payment)|duplicate charge|doppelt (abgebucht|belastet)|(debite|preleve) deux fois|cobr\w+ dos veces/,
  ],
  ['cancel', /\bcancel|cancellation|stornier|annul(er|ation)|anular/],
  [
    'wrong-item',
    /wrong (item|product|thing|article)|incorrect item|not what i ordered|something completely different|someone else's product|falsche (ware|artikel)|mauvais article|articulo equivocado/,
  ],
  [
    'damaged',
    /broken|damaged|faulty|defective|smashed|\btorn\b|\bcrack|\bleak(s|ing)?\b|scratched|stopped working|beschadigt|kaputt|\bcasse|abime|\broto\b|\brota\b/,
  ],
  [
    'not-arrived',
    /never (arrived|got|came|received)|not (yet )?arrived|not delivered|(did not|didn't) receive|not received|is lost|nothing has come|non-delivery|nicht angekommen|(jamais|pas) recu|no he recibido|no ha llegado/,
  ],
];

export const POLICY_QUESTION = /what is your (refund|returns?) policy|how many days do i have|before i buy/;

export const RETURN =
  /\breturn|(send|sending|give|giving) (it |them |the [a-z -]+ )?back|withdraw|zuruckschicken|rucksendung|widerruf|retourner|devolver|devolucion/;

export const TOPICS: readonly (readonly [Topic, RegExp])[] = [
  ['invoice', /invoice|receipt|\bvat\b|rechnung|facture|factura/],
  ['address', /(change|new|wrong) (the )?(delivery )?address|i have moved/],
  ['delivery', /when will|will ship|tracking|delivery date|where is my|on its way/],
  ['product', /suitable|what size|back in stock|dishwasher|how big|which size/],
  ['other', /opening hours|open on|newsletter|wonderful|great service|gift card/],
];

/** Words worth putting right when they are misspelt: those that the patterns above turn on. */
export const VOCABULARY: ReadonlySet<string> = new Set(
  (
    'refund money return returns returning withdraw cancel cancellation charged twice billed double duplicate charge payment second ' +
    'wrong product something completely different incorrect ordered someone broken damaged faulty defective smashed cracked scratched stopped working ' +
    'never arrived delivered receive received nothing tracking suitable dishwasher invoice receipt address delivery newsletter wonderful service policy ' +
    'before sending opening stock change'
  ).split(' '),
);
