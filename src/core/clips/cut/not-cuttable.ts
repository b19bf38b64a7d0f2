/** The range cannot be put together of what was recorded and what is encoded anew: all of it has to be. */
export class NotCuttable extends Error {}
