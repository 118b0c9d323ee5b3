// Keeps a normalised cache from going back: an answer or an event may be older than what is known already.
// Of each object that says its `id` and `revision`, whatever is older than the newest seen is cut down to its
// reference, so that lists keep their items and nothing old is written. One for each cache: begin with a new one
// where you empty the cache, as on signing in and on `Resync`.
export function newest() {
  const seen = new Map();
  const take = (value) => {
    if (Array.isArray(value)) return value.map(take);
    if (value === null || typeof value !== 'object') return value;
    const { __typename, id, revision } = value;
    if (id !== undefined && revision !== undefined) {
      if (revision < (seen.get(id) ?? 0)) return { __typename, id };
      seen.set(id, revision);
    }
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, take(inner)]));
  };
  return (result) => (result.data ? { ...result, data: take(result.data) } : result);
}
