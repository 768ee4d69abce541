package dev.pillion.simulator;

/** What an instance does of a request's way. */
public enum Role {
    /** Prompts and decodes; a request stays where it came. */
    MIXED,
    /** Prompts only: after the first token a request moves to a token instance. */
    PROMPT,
    /** Decodes of requests whose prompts were computed elsewhere. */
    TOKEN
}
