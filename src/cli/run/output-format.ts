/** How the outcome of a task is printed. */
export const OUTPUT_FORMATS = ['text', 'json', 'stream-json'] as const

export type OutputFormat = (typeof OUTPUT_FORMATS)[number]
