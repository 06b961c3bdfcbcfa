// Pointer chase through n² nodes of a line each in random order (a cycle by Sattolo's algorithm), four times round.
#include "size.h"

struct node { struct node *next; char rest[56]; } nodes[MOST * MOST];

int main(int argc, char **argv) {
	int n = size(argc, argv), m = n * n;
	unsigned x = 1;
	for (int i = 0; i < m; i++)
		nodes[i].next = &nodes[i];
	for (int i = m - 1; i > 0; i--) {
		x = x * 1664525u + 1013904223u;
		int j = (x >> 8) % i;
		struct node *swap = nodes[i].next;
		nodes[i].next = nodes[j].next;
		nodes[j].next = swap;
	}
	struct node *p = nodes;
	for (int i = 0; i < 4 * m; i++)
		p = p->next;
	return p != nodes;
}
