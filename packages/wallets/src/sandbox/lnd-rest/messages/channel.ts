/** The sandbox has no chain and no channels; where LND's messages name some, these stand. */
export const BLOCK_HEIGHT = 450;
export const BLOCK_HASH = '5f'.repeat(32);
export const CHANNEL_ID = '494780232564736';
export const CHANNEL_CAPACITY_SAT = '10000000';
const FINAL_CLTV_DELTA = 80;

/** The height at which an HTLC expires: final delta plus LND's three blocks of padding. */
export const EXPIRY_HEIGHT = BLOCK_HEIGHT + FINAL_CLTV_DELTA + 3;
