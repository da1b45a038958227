/** The value of an instruction cannot be what it is for; whoever knows its place says where. */
export class ValueError extends Error {}
