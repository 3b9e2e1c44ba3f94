// Everything that a service's author needs.
#pragma once
#include "tidemark/described.hpp"
#include "tidemark/error.hpp"
#include "tidemark/http.hpp"
#include "tidemark/money.hpp"
#include "tidemark/service.hpp"
#include "tidemark/thread_pool.hpp"
#include "tidemark/time.hpp"
#include "tidemark/transaction.hpp"
