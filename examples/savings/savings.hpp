// Savings: takes deposits, has the bank collect them, and keeps the accounts.
#pragma once
#include <set>
#include <string>

#include <tidemark/tidemark.hpp>

struct Deposit {
  std::string account;
  int amount = 0;
};
BOOST_DESCRIBE_STRUCT(Deposit, (), (account, amount))

struct Account {
  std::string id;
  int balance = 0;
};
BOOST_DESCRIBE_STRUCT(Account, (), (id, balance))

// Stands for a bank's API, which collects once for each idempotency key.
class Bank {
 public:
  void collect(const std::string& key, int amount) {
    if (keys_.insert(key).second) collected_ += amount;
  }
  int collected() const { return collected_; }

 private:
  std::set<std::string> keys_;
  int collected_ = 0;
};

// The bank must outlive the service.
inline tidemark::Service make_savings(Bank& bank) {
  using namespace tidemark;
  Service service{"savings"};
  service.publishes<Deposit>("deposited").key(&Deposit::account);
  service.post("/deposits", [](Transaction& tx, const Deposit& deposit) {
    tx.publish(deposit);
    return Response::empty(202);
  });
  service
      .on<Deposit>("deposited",
                   [&bank](Transaction& tx, const Deposit& deposit) {
                     tx.durable();
                     bank.collect(tx.effect_key(), deposit.amount);
                     auto account = tx.find<Account>(deposit.account).value_or(Account{deposit.account});
                     account.balance += deposit.amount;
                     tx.put(account);
                   })
      .key(&Deposit::account);
  service.get("/accounts/{id}",
              [](Transaction& tx, const Request& request) { return tx.find<Account>(request.path_parameter("id")); });
  return service;
}
