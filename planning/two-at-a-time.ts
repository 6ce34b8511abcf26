/** Does `work` for each item. A plan is a Terraform and its providers: more than two at once only wait for each other.
 *  @throws what `work` throws first */
export async function twoAtATime<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values();
  const worker = async () => {
    for (const item of waiting) await work(item);
  };
  await Promise.all([worker(), worker()]);
}
