/**
 * What steps that run side by side write: that of the first one under way is shown as it comes, that of the others when it is their turn,
 * each whole. Nothing is lost when the process ends early.
 */
export class Outputs {
  constructor(show = (text) => process.stdout.write(text)) {
    this.show = show;
    this.steps = [];
    process.once('exit', () => this.showAll());
  }

  /** @returns by what the step shows its text, and says that it is over */
  begin(name) {
    const step = { name, kept: `\n── ${name}\n`, isOver: false };
    this.steps.push(step);
    const show = (text) => {
      step.kept += text;
      this.showFirst();
    };
    show('');
    return {
      show,
      end: () => {
        step.isOver = true;
        this.showFirst();
      },
    };
  }

  showFirst() {
    for (let first = this.steps[0]; first !== undefined; first = this.steps[0]) {
      this.showKept(first);
      if (!first.isOver) return;
      this.steps.shift();
    }
  }

  showAll() {
    for (const step of this.steps.splice(0)) this.showKept(step);
  }

  showKept(step) {
    if (step.kept !== '') this.show(step.kept);
    step.kept = '';
  }
}
