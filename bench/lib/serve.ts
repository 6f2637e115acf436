/** The worker's end of {@link Worker}: answers what the bench asks over the IPC channel. */

/** @param answer its value is sent back; what it throws reaches the asker as an error. */
export function serve<A extends object>(answer: (ask: A) => Promise<unknown>): void {
  process.on("message", (message: A & { readonly id: number }) => {
    const { id } = message;
    answer(message).then(
      (value) => process.send?.({ id, value }),
      (error: unknown) => process.send?.({ id, error: String(error) }),
    );
  });
  // The bench has ended, or died: nothing is left to do here.
  process.on("disconnect", () => process.exit());
}
