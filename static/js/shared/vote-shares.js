// What people chose, in whole percent that add up to 100: as `dashboard.score.rounding.percents`.

export function percents(counts) {
  const all = counts.reduce((sum, count) => sum + count, 0);
  if (!all) return counts.map(() => 0);
  const shown = counts.map((count) => Math.floor((100 * count) / all));
  const lost = counts.map((count, at) => [(100 * count) % all, at]);
  lost.sort((a, b) => b[0] - a[0] || a[1] - b[1]);
  const missing = 100 - shown.reduce((sum, share) => sum + share, 0);
  for (const [, at] of lost.slice(0, missing)) shown[at] += 1;
  return shown;
}

// A board of points: each beside the best, in percent.
export function lengths(points) {
  const most = Math.max(1, ...points);
  return points.map((each) => Math.round((100 * each) / most));
}
