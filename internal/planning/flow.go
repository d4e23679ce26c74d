package planning

// network is a flow of least cost from lines over sinks to one end. Costs are not
// negative: what giving is worth is told as what is lost against a line's best pair.
type network struct {
	first []int32 // of each node's arcs
	arcs  []arc
	price []float64
	dist  []float64
	seen  []uint8 // of this search: 0 no, 1 reached, 2 settled
	from  []int32 // arc by which a node was reached
	heap  []reached
	touch []int32
	steps int64 // arcs looked at, the measure of work
}

type arc struct {
	to, next int32
	free     int64
	cost     float64
}

type reached struct {
	dist float64
	node int32
}

func newNetwork(nodes, arcs int) *network {
	n := &network{
		first: make([]int32, nodes), arcs: make([]arc, 0, 2*arcs), price: make([]float64, nodes),
		dist: make([]float64, nodes), seen: make([]uint8, nodes), from: make([]int32, nodes),
	}
	for i := range n.first {
		n.first[i] = -1
	}
	return n
}

// add makes an arc and its way back, and returns its number.
func (n *network) add(from, to int, free int64, cost float64) int32 {
	at := int32(len(n.arcs))
	n.arcs = append(n.arcs, arc{int32(to), n.first[from], free, cost}, arc{int32(from), n.first[to], 0, -cost})
	n.first[from], n.first[to] = at, at+1
	return at
}

// send brings as much as it can of an amount from a node to the end, the cheapest way
// first, and returns what could not be sent.
func (n *network) send(from, end int, amount int64) int64 {
	for amount > 0 && n.search(int32(from), int32(end)) {
		push := amount
		for v := int32(end); v != int32(from); v = n.arcs[n.from[v]^1].to {
			push = min(push, n.arcs[n.from[v]].free)
		}
		for v := int32(end); v != int32(from); v = n.arcs[n.from[v]^1].to {
			n.arcs[n.from[v]].free -= push
			n.arcs[n.from[v]^1].free += push
		}
		amount -= push
	}
	return amount
}

// search finds the cheapest way with room by Dijkstra's rule on reduced costs, and moves
// the prices so that none becomes negative (Johnson; Edmonds and Karp).
func (n *network) search(from, end int32) bool {
	for _, v := range n.touch {
		n.seen[v] = 0
	}
	n.touch, n.heap = n.touch[:0], n.heap[:0]
	n.reach(from, 0, -1)
	for len(n.heap) > 0 {
		top := n.pop()
		u := top.node
		if n.seen[u] == 2 {
			continue
		}
		n.seen[u] = 2
		if u == end {
			break
		}
		for i := n.first[u]; i >= 0; i = n.arcs[i].next {
			n.steps++
			a := &n.arcs[i]
			if a.free == 0 || n.seen[a.to] == 2 {
				continue
			}
			// A rounding error below zero would make Dijkstra's rule wrong.
			d := top.dist + max(0, a.cost+n.price[u]-n.price[a.to])
			if n.seen[a.to] == 0 || d < n.dist[a.to] {
				n.reach(a.to, d, i)
			}
		}
	}
	if n.seen[end] != 2 {
		return false
	}
	for _, v := range n.touch {
		if n.seen[v] == 2 {
			n.price[v] += n.dist[v] - n.dist[end]
		}
	}
	return true
}

func (n *network) reach(v int32, d float64, by int32) {
	if n.seen[v] == 0 {
		n.touch = append(n.touch, v)
	}
	n.seen[v], n.dist[v], n.from[v] = 1, d, by
	n.heap = append(n.heap, reached{d, v})
	for i := len(n.heap) - 1; i > 0; {
		up := (i - 1) / 2
		if n.heap[up].dist <= n.heap[i].dist {
			break
		}
		n.heap[up], n.heap[i] = n.heap[i], n.heap[up]
		i = up
	}
}

func (n *network) pop() reached {
	top, last := n.heap[0], len(n.heap)-1
	n.heap[0] = n.heap[last]
	n.heap = n.heap[:last]
	for i := 0; ; {
		c := 2*i + 1
		if c >= last {
			return top
		}
		if c+1 < last && n.heap[c+1].dist < n.heap[c].dist {
			c++
		}
		if n.heap[i].dist <= n.heap[c].dist {
			return top
		}
		n.heap[i], n.heap[c] = n.heap[c], n.heap[i]
		i = c
	}
}
