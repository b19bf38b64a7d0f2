import { ChangeDetectionStrategy, Component, computed, DestroyRef, ElementRef, inject, input, type AfterViewInit } from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import { PAGE_CLOCK } from '../../core/page-clock';
import { SessionState } from '../../core/session-state';
import { Texts } from '../../i18n/texts';
import { ProblemText } from '../../shared/ui/problem-text';
import { SecretField } from '../../shared/ui/secret-field';
import { TickedText } from '../../shared/ui/ticked-text';
import type { SignInTexts } from './i18n/en';
import { SignInState, type SignInWay } from './sign-in-state';

/** What is said in the viewer's language; the rest as the server says it. */
const WRONG = {
  VD_AUTH_PASSWORD_WRONG: 'wrong.password',
  VD_AUTH_PASSWORD_LIMITED: 'wrong.limited',
  VD_AUTH_TOKEN_INVALID: 'wrong.token',
} as const;

@Component({
  selector: 'vd-sign-in',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [ProblemText, RouterLink, SecretField, TickedText],
  templateUrl: './sign-in.html',
})
export class SignIn implements AfterViewInit {
  /** Nobody has a password so far, as the route asked; null: it could not be asked. */
  readonly isSetupOpen = input<boolean | null>(null);
  protected readonly session = inject(SessionState);
  protected readonly state = inject(SignInState);
  protected readonly t = inject(Texts).of<SignInTexts>('sign-in');
  protected readonly told = computed(() => {
    const code = this.state.problem()?.code;
    return code !== undefined && code in WRONG ? this.t(WRONG[code as keyof typeof WRONG]) : null;
  });
  private readonly router = inject(Router);
  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef);

  constructor() {
    inject(DestroyRef).onDestroy(inject(PAGE_CLOCK).every(1_000, () => this.state.tick()));
  }

  ngAfterViewInit(): void {
    this.toFirstField();
  }

  protected choose(way: SignInWay): void {
    this.state.choose(way);
    setTimeout(() => this.toFirstField());
  }

  protected async submit(event: Event): Promise<void> {
    event.preventDefault();
    if (await this.state.submit()) await this.router.navigateByUrl('/');
    else this.toFirstField();
  }

  private toFirstField(): void {
    const inputs = [...this.host.nativeElement.querySelectorAll<HTMLInputElement>('form input')];
    (inputs.find(({ value }) => value === '') ?? inputs.at(-1))?.focus();
  }
}
