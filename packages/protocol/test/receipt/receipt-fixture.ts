import type { Receipt } from '../../src/index.js';

/** A receipt of a payment whose invoice and preimage are fixed; the digest was computed apart from this project's code. */
export const RECEIPT: Receipt = {
  purchaseId: '6f1c0d5e-8a35-4f0e-9a0e-2f6f1b1f8a11',
  paidAt: '2026-09-21T12:00:00.000Z',
  method: 'GET',
  url: 'https://api.example/v1/item',
  payee: '0362c0a046dacce86ddd0343c6d3c7c79c2208ba0d9c9cf24a6d046d21d21f90f7',
  network: 'regtest',
  paymentHash: '425ed4e4a36b30ea21b90e21c712c649e8214c29b7eaf68089d1039c6e55384c',
  amountMsat: 5001,
  feeMsat: 20,
  totalMsat: 5021,
  description: '=1+1, «one» item',
  outcome: 'charged',
  budget: 'default',
  invoice:
    'lnbcrt50010p1p4tzwuqpp5gf0dfe9rdvcw5gdepcsuwykxf85zznpfkl40dqyf6ypecmj48pxqsp5zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zygsdqa85cjkvfvyrp2kmmwvhptkgrfw3jk69qyyssqpydsa3k76y3l6qf5m7tn5e57shzjqjhyxhdd2t4rauvqyyslsky9etx37ju8z8nnx2687mp8ya023k9nn2y6pqae0gy0srrsmn60fkspq3fhfm',
  preimage: '4242424242424242424242424242424242424242424242424242424242424242',
  digest: 'da76af9da7d4568c497813c5371ede66e8d2958c4455ab6e7a9b1f64e6629578',
};
