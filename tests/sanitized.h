/* Is this a build with a sanitizer? They look for misuse of memory and for races, which a tenth of the
 * numbers show as well; that numbers are right is held by the other builds, in full. */
#ifndef GF_TESTS_SANITIZED_H
#define GF_TESTS_SANITIZED_H

#if defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define GF_SANITIZED 1
#endif
#endif
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define GF_SANITIZED 1
#endif
#ifndef GF_SANITIZED
#define GF_SANITIZED 0
#endif

#endif
