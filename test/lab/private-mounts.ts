/** In front of a program: what it mounts is seen by nobody else, and gone when it and its children have ended. */
export const WITH_PRIVATE_MOUNTS = ["unshare", "--mount", "--propagation", "private"] as const;
