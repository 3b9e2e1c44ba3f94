// The operator's endpoints of a service, below /admin/v1: what its handlers could not do, and what to do about it.
//
//   GET    /admin/v1/handlers                                       lag, pending and dead letters of each, and which
//                                                                   partitions this process has
//   GET    /admin/v1/dead-letters/{topic}/{group}                   a page, oldest first (limit, after)
//   GET    /admin/v1/dead-letters/{topic}/{group}/{id}
//   POST   /admin/v1/dead-letters/{topic}/{group}/{id}/redrive      again as it is, or with the fields of a JSON body
//   DELETE /admin/v1/dead-letters/{topic}/{group}/{id}              discards it
//   POST   /admin/v1/backup                                         {"keep": n}: copies the whole store to a new folder
//                                                                   below the one that the settings name
#pragma once
#include "http/router.hpp"
#include "kit/partition_keeper.hpp"
#include "kit/runtime.hpp"
#include "kit/spec.hpp"

namespace tidemark::kit {

// `spec`, `runtime` and `keeper` outlive the router. `backups` is the folder for backups; empty: the store's choice.
void add_admin(http::Router& router, Runtime& runtime, const detail::ServiceSpec& spec, const PartitionKeeper& keeper,
               std::string backups);

}  // namespace tidemark::kit
