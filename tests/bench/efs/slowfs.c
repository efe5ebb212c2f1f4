/*
 * slowfs DIRECTORY MOUNTPOINT READ_MICROSECONDS WRITE_MICROSECONDS [MOST_LINKS]
 *
 * A file system in user space that passes everything on to a directory, after a sleep: so long for an operation that
 * reads, so long for one that writes. It stands for EFS, where every operation waits for the network. As on NFS,
 * attributes are kept for some seconds and come along with a directory's list, and there are no extended attributes.
 * With MOST_LINKS a file cannot have more names, which EFS limits to 177.
 */
#define FUSE_USE_VERSION 35
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fuse3/fuse.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#define CACHED_SECONDS 5.0 /* NFS: acregmin 3, acdirmin 30 */
#define ENTRIES_A_READ 100 /* of a directory, in one answer of the server */

static int root;
static long read_micros, write_micros;
static unsigned long most_links;

static void wait_for(long micros) {
  struct timespec pause = {micros / 1000000, micros % 1000000 * 1000};
  if (micros > 0) nanosleep(&pause, NULL);
}

/* Paths come with a leading slash; what is opened is relative to the root. */
static const char *inside(const char *path) { return path[1] ? path + 1 : "."; }

static int result(long value) { return value == -1 ? -errno : 0; }

static int reading(const char **path) {
  wait_for(read_micros);
  *path = inside(*path);
  return root;
}

static int writing(const char **path) {
  wait_for(write_micros);
  *path = inside(*path);
  return root;
}

static void *slow_init(struct fuse_conn_info *connection, struct fuse_config *config) {
  config->use_ino = 1;
  config->hard_remove = 1;
  config->entry_timeout = config->attr_timeout = CACHED_SECONDS;
  config->negative_timeout = 0;
  connection->max_background = 256;
  connection->congestion_threshold = 200;
  return NULL;
}

static int slow_getattr(const char *path, struct stat *stat, struct fuse_file_info *file) {
  int at = reading(&path);
  return result(file && file->fh ? fstat(file->fh, stat) : fstatat(at, path, stat, AT_SYMLINK_NOFOLLOW));
}

static int slow_readlink(const char *path, char *target, size_t size) {
  int at = reading(&path);
  ssize_t length = readlinkat(at, path, target, size - 1);
  if (length >= 0) target[length] = 0;
  return length < 0 ? -errno : 0;
}

static int slow_mkdir(const char *path, mode_t mode) {
  int at = writing(&path);
  return result(mkdirat(at, path, mode));
}

static int slow_mknod(const char *path, mode_t mode, dev_t device) {
  int at = writing(&path);
  return result(mknodat(at, path, mode, device));
}

static int slow_unlink(const char *path) {
  int at = writing(&path);
  return result(unlinkat(at, path, 0));
}

static int slow_rmdir(const char *path) {
  int at = writing(&path);
  return result(unlinkat(at, path, AT_REMOVEDIR));
}

static int slow_symlink(const char *target, const char *path) {
  int at = writing(&path);
  return result(symlinkat(target, at, path));
}

static int slow_rename(const char *from, const char *to, unsigned int flags) {
  int at = writing(&from);
  return result(renameat2(at, from, at, inside(to), flags));
}

static int slow_link(const char *from, const char *to) {
  int at = writing(&from);
  struct stat stat;
  if (most_links && fstatat(at, from, &stat, AT_SYMLINK_NOFOLLOW) == 0 && stat.st_nlink >= most_links) return -EMLINK;
  return result(linkat(at, from, at, inside(to), 0));
}

static int slow_chmod(const char *path, mode_t mode, struct fuse_file_info *file) {
  (void)file;
  int at = writing(&path);
  return result(fchmodat(at, path, mode, 0));
}

static int slow_chown(const char *path, uid_t user, gid_t group, struct fuse_file_info *file) {
  (void)file;
  int at = writing(&path);
  return result(fchownat(at, path, user, group, AT_SYMLINK_NOFOLLOW));
}

static int slow_utimens(const char *path, const struct timespec times[2], struct fuse_file_info *file) {
  (void)file;
  int at = writing(&path);
  return result(utimensat(at, path, times, AT_SYMLINK_NOFOLLOW));
}

static int slow_truncate(const char *path, off_t size, struct fuse_file_info *file) {
  int at = writing(&path);
  if (file) return result(ftruncate(file->fh, size));
  int opened = openat(at, path, O_WRONLY);
  if (opened < 0) return -errno;
  int outcome = result(ftruncate(opened, size));
  close(opened);
  return outcome;
}

static int slow_open(const char *path, struct fuse_file_info *file) {
  int at = reading(&path);
  int opened = openat(at, path, file->flags & ~O_APPEND);
  if (opened < 0) return -errno;
  file->fh = opened;
  return 0;
}

static int slow_create(const char *path, mode_t mode, struct fuse_file_info *file) {
  int at = writing(&path);
  int opened = openat(at, path, file->flags | O_CREAT, mode);
  if (opened < 0) return -errno;
  file->fh = opened;
  return 0;
}

static int slow_read(const char *path, char *buffer, size_t size, off_t offset, struct fuse_file_info *file) {
  (void)path;
  wait_for(read_micros);
  ssize_t got = pread(file->fh, buffer, size, offset);
  return got < 0 ? -errno : got;
}

static int slow_write(const char *path, const char *buffer, size_t size, off_t offset, struct fuse_file_info *file) {
  (void)path;
  wait_for(write_micros);
  ssize_t put = pwrite(file->fh, buffer, size, offset);
  return put < 0 ? -errno : put;
}

static int slow_flush(const char *path, struct fuse_file_info *file) {
  (void)path, (void)file;
  wait_for(read_micros);
  return 0;
}

static int slow_release(const char *path, struct fuse_file_info *file) {
  (void)path;
  close(file->fh);
  return 0;
}

static int slow_statfs(const char *path, struct statvfs *stat) {
  (void)path;
  return result(fstatvfs(root, stat));
}

static int slow_readdir(const char *path, void *buffer, fuse_fill_dir_t fill, off_t offset, struct fuse_file_info *file,
                        enum fuse_readdir_flags flags) {
  (void)offset, (void)file;
  int at = reading(&path);
  int opened = openat(at, path, O_RDONLY | O_DIRECTORY);
  if (opened < 0) return -errno;
  DIR *directory = fdopendir(opened);
  struct dirent *entry;
  for (int entries = 1; (entry = readdir(directory)); entries++) {
    struct stat stat;
    memset(&stat, 0, sizeof stat);
    int known = fstatat(opened, entry->d_name, &stat, AT_SYMLINK_NOFOLLOW) == 0;
    if (entries % ENTRIES_A_READ == 0) wait_for(read_micros);
    if (fill(buffer, entry->d_name, &stat, 0, known && flags & FUSE_READDIR_PLUS ? FUSE_FILL_DIR_PLUS : 0)) break;
  }
  closedir(directory);
  return 0;
}

static const struct fuse_operations operations = {
    .init = slow_init,         .getattr = slow_getattr, .readlink = slow_readlink, .mkdir = slow_mkdir,
    .mknod = slow_mknod,       .unlink = slow_unlink,   .rmdir = slow_rmdir,       .symlink = slow_symlink,
    .rename = slow_rename,     .link = slow_link,       .chmod = slow_chmod,       .chown = slow_chown,
    .utimens = slow_utimens,   .truncate = slow_truncate, .open = slow_open,       .create = slow_create,
    .read = slow_read,         .write = slow_write,     .flush = slow_flush,       .release = slow_release,
    .statfs = slow_statfs,     .readdir = slow_readdir,
};

int main(int count, char **words) {
  if (count < 5 || (root = open(words[1], O_RDONLY | O_DIRECTORY)) < 0) {
    fprintf(stderr, "slowfs DIRECTORY MOUNTPOINT READ_MICROSECONDS WRITE_MICROSECONDS [MOST_LINKS]\n");
    return 2;
  }
  read_micros = atol(words[3]);
  write_micros = atol(words[4]);
  most_links = count > 5 ? strtoul(words[5], NULL, 10) : 0;
  char *arguments[] = {words[0], words[2], "-o", "allow_other,default_permissions,max_threads=128"};
  umask(0);
  return fuse_main(4, arguments, &operations, NULL);
}
