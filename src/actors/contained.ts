/** Calls somebody else's function. What it throws, at once or later, is complained of and goes no further. */
export function contained(call: () => unknown, complain: (error: unknown) => void): void {
  try {
    const said = call()
    if (said instanceof Promise) said.catch(complain)
  } catch (error) {
    complain(error)
  }
}

/** The host's own ear for complaints: nothing that goes wrong there may go wrong here. */
export function quietly(warn: (text: string) => void): (text: string) => void {
  return (text) =>
    contained(
      () => warn(text),
      () => {},
    )
}
