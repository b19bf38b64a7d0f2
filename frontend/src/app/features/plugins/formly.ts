import type { Provider } from '@angular/core';
import { provideFormlyCore } from '@ngx-formly/core';
import { CheckboxField, GroupField, JsonField, LinesField, MoreFields, NumberField, SelectField, TextField } from './option-field';

/** Formly with controls of ours: native ones, in the dashboard's own style. */
export const provideOptionForms = (): Provider =>
  provideFormlyCore({
    types: [
      { name: 'number', component: NumberField },
      { name: 'text', component: TextField },
      { name: 'select', component: SelectField },
      { name: 'checkbox', component: CheckboxField },
      { name: 'lines', component: LinesField },
      { name: 'json', component: JsonField },
      { name: 'group', component: GroupField },
      { name: 'more', component: MoreFields },
    ],
  });
