/* Beta tables that are kept: workspaces of threads and the points of a sweep ask for the same few again
 * and again, and making one takes as long as ten thousand startups. */
#include "random/draws.h"

#include <pthread.h>
#include <stddef.h>

enum { KEPT = 8 };

static struct {
    gf_beta_table *table;
    double a, b;
    int n_users;
    uint64_t last_taken;
} kept[KEPT];
static uint64_t n_taken;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Slot of that table; KEPT: there is none. With the lock. */
static int find(double a, double b)
{
    int slot = 0;
    while (slot < KEPT && !(kept[slot].a == a && kept[slot].b == b))
        slot++;
    return slot;
}

static const gf_beta_table *take(int slot)
{
    kept[slot].n_users++;
    kept[slot].last_taken = ++n_taken;
    return kept[slot].table;
}

/* A slot for a new table: the one that nobody uses for longest (those that are empty were never taken),
 * emptied; KEPT: all are used. With the lock. */
static int make_room(void)
{
    int oldest = KEPT;
    for (int slot = 0; slot < KEPT; slot++)
        if (kept[slot].n_users == 0 && (oldest == KEPT || kept[slot].last_taken < kept[oldest].last_taken))
            oldest = slot;
    if (oldest < KEPT)
        gf_beta_table_free(kept[oldest].table);
    return oldest;
}

const gf_beta_table *gf_beta_table_take(double a, double b)
{
    pthread_mutex_lock(&lock);
    int slot = find(a, b);
    const gf_beta_table *table = slot < KEPT ? take(slot) : NULL;
    pthread_mutex_unlock(&lock);
    if (table != NULL)
        return table;
    gf_beta_table *made = gf_beta_table_new(a, b); /* without the lock: others may want other shapes */
    if (made == NULL)
        return NULL;
    pthread_mutex_lock(&lock);
    slot = find(a, b);
    table = made;
    if (slot < KEPT) { /* another thread was faster */
        gf_beta_table_free(made);
        table = take(slot);
    } else if ((slot = make_room()) < KEPT) {
        kept[slot].table = made;
        kept[slot].a = a;
        kept[slot].b = b;
        kept[slot].n_users = 0;
        table = take(slot);
    }
    pthread_mutex_unlock(&lock);
    return table;
}

void gf_beta_table_give_back(const gf_beta_table *table)
{
    int slot = 0;
    if (table == NULL)
        return;
    pthread_mutex_lock(&lock);
    while (slot < KEPT && kept[slot].table != table)
        slot++;
    if (slot < KEPT)
        kept[slot].n_users--;
    pthread_mutex_unlock(&lock);
    if (slot == KEPT)
        gf_beta_table_free((gf_beta_table *)(uintptr_t)table);
}
