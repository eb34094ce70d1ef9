"""NumPy, example by example."""


def cross_entropy(logits, labels, smoothing):
    logits, labels = np.asarray(logits, dtype=np.float64), np.asarray(labels)
    losses = []
    for row, label in zip(logits, labels):
        log_p = row - row.max() - np.log(np.exp(row - row.max()).sum())
        losses.append(-(1 - smoothing) * log_p[label] - smoothing * log_p.mean())
    return np.float32(np.mean(losses))


def attention(queries, keys, values):
    queries, keys, values = (np.asarray(a, dtype=np.float64) for a in (queries, keys, values))
    rows = []
    for i, q in enumerate(queries):
        scores = keys[: i + 1] @ q / np.sqrt(len(q))
        weights = np.exp(scores - scores.max())
        rows.append(weights @ values[: i + 1] / weights.sum())
    return np.array(rows, dtype=np.float32)


def momentum(loss, start, rate, memory, steps):
    points, v = [np.asarray(start)], np.zeros(len(start))
    for _ in range(steps):
        v = memory * v - rate * np.asarray(jax.grad(loss)(jnp.asarray(points[-1])))
        points.append((points[-1] + v).astype(np.float32))
    return np.array(points)
