// How customers say it. `{order}` and `{item}` are filled in; an entry is [subject, body]. A body may come without a greeting or an end.

export const PHRASES = {
  return: [
    ['Return', 'I would like to return the {item} from order {order}. It does not fit me. Can I get my money back?'],
    [
      'Changed my mind about {order}',
      'The {item} is lovely but not what I was looking for. How do I send it back for a refund? Order {order}.',
    ],
    ['refund please', 'order {order}. the {item} is too small, want to return it and get a refund'],
    [
      'Sending back an item',
      'Please arrange a return for {order}. The colour of the {item} is nothing like on my screen.',
    ],
    [
      'Too big',
      'Ordered the {item} ({order}) and it is far too large. I am returning it, please refund the card I paid with.',
    ],
    [
      'Return request {order}',
      'I no longer need the {item}. It is unused and in its box. Please tell me where to return it and refund me.',
    ],
    ['', 'hi, can i give back the {item}? {order}. never used it, tags still on'],
    [
      'Unwanted gift',
      'My sister already has the {item}, so I want to return mine (order {order}). Unopened. I would like the money back rather than a voucher.',
    ],
    [
      'Not for me',
      'Tried the {item} at home for a day. Not for me, sorry. Returning it under your returns policy; {order}.',
    ],
    [
      'Return under withdrawal right',
      'I hereby withdraw from the purchase of the {item}, order {order}, and ask you to refund the price.',
    ],
  ],
  damaged: [
    ['Arrived broken', 'The {item} from order {order} arrived broken. I want a refund.'],
    ['DAMAGED!!!', 'ORDER {order}. THE {item} CAME DAMAGED. THIS IS THE SECOND TIME. I WANT MY MONEY BACK NOW.'],
    [
      'Faulty item',
      'I opened {order} today and the {item} is faulty. It stopped working after ten minutes. Please refund.',
    ],
    [
      'Crack in the {item}',
      'There is a crack right across the {item}. The box was dented too. Order {order}. Photos attached, I would like a refund.',
    ],
    [
      'Defective',
      'The {item} is defective, a seam came apart the first time I used it. Order number {order}. What are my options for getting my money back?',
    ],
    ['', 'so the {item} turned up smashed. {order}. refund?'],
    [
      'Poor quality',
      'I am really disappointed. The {item} was torn when I unpacked it (order {order}). This is not what I expect from you; refund me please.',
    ],
    ['Leaking', 'My {item} ({order}) leaks at the bottom, it is clearly defective. I am asking for a refund.'],
    [
      'Scratched on arrival',
      'Hello, the {item} was badly scratched when it got here. Order {order}. Could you refund it?',
    ],
  ],
  'wrong-item': [
    ['Wrong item', 'I ordered the {item} with {order} but you sent me something completely different. Please refund.'],
    [
      'Not what I ordered',
      'The parcel for {order} contained the wrong product. I was expecting the {item}. I would rather have a refund than wait for another.',
    ],
    [
      'You sent the wrong thing',
      'wrong size AND wrong colour, this is the wrong item. order {order}, should have been {item}. money back please',
    ],
    [
      'Mix-up with my order',
      'I received someone else’s product instead of the {item}. Order {order}. Please refund me.',
    ],
    [
      'Incorrect item received',
      'Order {order}: incorrect item received. The label says {item}, but that is not what is inside. Refund, please.',
    ],
  ],
  'not-arrived': [
    ['Where is it?', 'My order {order} never arrived. I have waited for weeks. Please give me my money back.'],
    ['Parcel lost', 'I think the parcel with the {item} is lost. Order {order}, nothing has come. I want a refund.'],
    [
      'Still nothing',
      'Still nothing here!! {order} has not arrived and nobody answers the phone. Refund me or I go to my bank.',
    ],
    ['Missing delivery', '{order} was not delivered. The tracking has not moved at all. I would like to be refunded.'],
    ['', 'never got my {item}, order {order}, just refund it'],
    [
      'Non-delivery of {order}',
      'I did not receive the {item}. Please refund the purchase, I have bought one elsewhere in the meantime.',
    ],
  ],
  cancel: [
    ['Cancel my order', 'Please cancel order {order}. I ordered the {item} by mistake.'],
    ['Cancellation {order}', 'I want to cancel {order} before it ships and have the payment refunded.'],
    ['pls cancel', 'cancel {order} please, found the {item} cheaper'],
    [
      'Stop my order',
      'Can you stop order {order}? I would like to cancel it, my plans have changed and I do not need the {item} any more.',
    ],
    ['Ordered twice by accident', 'I clicked twice, so please cancel {order}. I only need one {item}.'],
  ],
  'charged-twice': [
    ['Charged twice', 'You charged me twice for order {order}. Please refund one of the payments.'],
    [
      'Double payment',
      'My bank statement shows a double charge for {order}. I bought one {item}, not two. Kindly return the second payment.',
    ],
    ['billed 2x', 'why was i billed twice for {order}??? refund the extra payment'],
    ['Duplicate charge on my card', 'There is a duplicate charge for the {item}, order {order}. Please put it right.'],
  ],
  question: [
    ['When does it ship?', 'Hi, could you tell me when {order} will ship? No rush, just curious.', 'delivery'],
    ['Tracking', 'Where can I find the tracking number for {order}?', 'delivery'],
    ['Delivery date', 'What is the expected delivery date for my {item}? Order {order}. Thank you!', 'delivery'],
    [
      'Question about a product',
      'Is the {item} suitable for the dishwasher? Could not find it on the page.',
      'product',
    ],
    ['Size advice', 'What size should I take for the {item}? I am between M and L.', 'product'],
    ['Do you restock?', 'Will the {item} be back in stock before Christmas?', 'product'],
    ['Invoice', 'Could you send me an invoice for {order}? I need it for my tax return.', 'invoice'],
    ['VAT receipt', 'Please send a receipt with VAT for order {order} to this address.', 'invoice'],
    ['New address', 'I have moved. Can you change the delivery address for {order}?', 'address'],
    ['Opening hours', 'Is your shop in the harbour open on Sundays?', 'other'],
    ['Thank you', 'Just wanted to say the {item} is wonderful. Great service!', 'other'],
    ['Newsletter', 'Please take me off the newsletter.', 'other'],
    ['Refund policy', 'What is your refund policy for sale items? I have not bought anything yet.', 'policy'],
    ['How long do I have?', 'How many days do I have to return something? Asking before I buy the {item}.', 'policy'],
  ],
  unclear: [
    ['', 'hello??'],
    ['(no subject)', 'see attachment'],
    ['Re: Re: Fwd:', 'as discussed'],
    ['???', '...'],
    ['Great opportunity', 'Dear sir, I can bring your web page to the top of every search. Reply for an offer.'],
    ['', 'asdfgh'],
  ],
};

/** The same in other languages; a shop by the sea has customers everywhere. */
export const FOREIGN = {
  return: [
    [
      'Rücksendung',
      'Guten Tag, ich möchte den Artikel ({item}) aus Bestellung {order} zurückschicken. Er passt mir nicht. Bitte erstatten Sie mir das Geld.',
      'de',
    ],
    ['Widerruf', 'Hiermit widerrufe ich den Kauf der Bestellung {order} ({item}) und bitte um Rückerstattung.', 'de'],
    [
      'Retour',
      'Bonjour, je souhaite retourner le produit {item} de la commande {order}, la taille ne convient pas. Merci de me rembourser.',
      'fr',
    ],
    [
      'Devolución',
      'Hola, quiero devolver el artículo {item} del pedido {order}, no me queda bien. ¿Me pueden reembolsar?',
      'es',
    ],
  ],
  damaged: [
    [
      'Beschädigte Ware',
      'Die Lieferung {order} ist beschädigt angekommen, {item} ist kaputt. Ich möchte mein Geld zurück.',
      'de',
    ],
    ['Article cassé', 'Ma commande {order} est arrivée cassée ({item}). Je demande un remboursement.', 'fr'],
    ['Llegó roto', 'El {item} del pedido {order} llegó roto. Quiero un reembolso, por favor.', 'es'],
  ],
  'not-arrived': [
    [
      'Paket nicht angekommen',
      'Meine Bestellung {order} ist nicht angekommen. Ich warte seit Wochen und will mein Geld zurück.',
      'de',
    ],
    ['Colis jamais reçu', 'Je n’ai jamais reçu ma commande {order}. Merci de me rembourser.', 'fr'],
    ['Pedido no recibido', 'No he recibido el pedido {order}. Solicito el reembolso.', 'es'],
  ],
  cancel: [
    ['Stornierung', 'Bitte stornieren Sie meine Bestellung {order}.', 'de'],
    ['Annulation', 'Je voudrais annuler la commande {order}, s’il vous plaît.', 'fr'],
  ],
};

/** What they write when they ask again about an order that another ticket already names. */
export const AGAIN = [
  ['Any news?', 'I wrote about {order} already and heard nothing. Again: {again}'],
  ['Second request', 'Following up on my earlier message about {order}. {again}'],
  ['Re: {order}', 'Just in case my first message got lost: {again}'],
  ['', 'as I told your colleague on the phone, it is about {order}: {again}'],
];

export const GREETINGS = ['', '', 'Hi, ', 'Hello, ', 'Dear team, ', 'Good morning, ', 'Hey there, '];
export const ENDINGS = [
  '',
  '',
  ' Thanks, {first}',
  ' Kind regards, {name}',
  ' Best, {first}',
  ' {name}',
  ' Thank you.',
];
export const ANGRY = [
  ' This is unacceptable.',
  ' I am never buying here again!',
  ' Worst shop ever.',
  ' I expect an answer TODAY.',
  ' You will hear from my lawyer.',
];
