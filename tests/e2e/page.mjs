// The shop's page, in the words of a person who uses it.

// What is expected of the page in the end; each wait has the page's deadline.
export class ShopPage {
  constructor(page, url) {
    this.page = page;
    this.url = url;
  }

  open(path = '/') {
    return this.page.goto(this.url + path);
  }

  goTo(name) {
    return this.page.getByRole('navigation').getByRole('link', {name, exact: true}).click();
  }

  async addProduct({name, price, stock}) {
    await this.page.getByRole('button', {name: 'Add product'}).first().click();
    const dialog = this.page.getByRole('dialog');
    await this.#fillProduct(dialog, {name, price, stock});
    await dialog.getByRole('button', {name: 'Add product'}).click();
    await this.product(name).waitFor();
  }

  // Opens the form and returns it; it is filled with what the shop has.
  async editProduct(name) {
    await this.page.getByRole('button', {name: `Edit ${name}`}).click();
    const dialog = this.page.getByRole('dialog');
    await dialog.getByRole('textbox', {name: 'Name'}).waitFor();
    return {
      dialog,
      fill: (fields) => this.#fillProduct(dialog, fields),
      save: () => dialog.getByRole('button', {name: 'Save'}).click(),
      hidden: () => dialog.waitFor({state: 'hidden'}),
      closed: () => dialog.waitFor({state: 'detached'}),
    };
  }

  async #fillProduct(dialog, {name, price, stock}) {
    if (name !== undefined) await dialog.getByRole('textbox', {name: 'Name'}).fill(name);
    if (price !== undefined) await dialog.getByRole('textbox', {name: 'Price'}).fill(String(price));
    if (stock !== undefined) await dialog.getByRole('textbox', {name: 'In stock'}).fill(String(stock));
  }

  async buy(name, quantity) {
    await this.page.getByRole('link', {name: `Buy ${name}`}).click();
    await this.page.getByRole('textbox', {name: 'Quantity'}).fill(String(quantity));
    await this.page.getByRole('button', {name: 'Place order'}).click();
    await this.page.getByRole('heading', {name: 'Order', exact: true}).waitFor();
  }

  product(name) {
    return this.#row('Products', name);
  }

  user(name) {
    return this.#row('Users', name);
  }

  #row(table, text) {
    return this.page.getByRole('table', {name: table}).getByRole('row').filter({hasText: text});
  }

  stockIs(name, quantity) {
    return this.product(name).getByText(String(quantity), {exact: true}).waitFor();
  }

  orderIs(status) {
    return this.page.locator(`[data-status="${status}"]`).waitFor();
  }

  connectionIs(state) {
    return this.page.locator(`[data-connection="${state}"]`).waitFor();
  }
}
